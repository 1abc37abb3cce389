"""Made-up data: worlds of calls in which the truth is known. Nothing here comes from a real telephone or company."""
