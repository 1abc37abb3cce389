"""What is known of a vendor's agents in a month: one row an agent, the days that swing, monitored calls by group."""

from pipelines.tables.shape import Table, columns

AGENTS = Table(
    "agents",
    "one agent who answered calls in the month",
    ("vendor", "month"),
    ("agent_id",),
    columns(
        "agent_id text agent",
        "answered int calls answered",
        "days_worked int days with an answered call, by the vendor's zone",
        "first_seen date first day with an answered call in the month and the 60 days before it",
        "hired date first day of work by the roster; null where it names none",
        "is_new bool under 60 days on the first day worked in the month: since hired, else since first seen where the "
        "records reach back 60 days; null where neither is known",
        "fcr_n int answered calls with a number whose window is closed",
        "fcr_pct float share of these without a further contact",
        "fcr_wilson_low_pct float lower end of the 95 % interval of that share alone (Wilson)",
        "fcr_wilson_high_pct float its upper end",
        "fcr_expected_pct float what all agents reach on this agent's queues and reasons; null where hardly any "
        "other serves them",
        "fcr_shrunk_pct float the agent's share, drawn towards the expected one as far as chance explains it",
        "fcr_low_pct float lower end of the 95 % interval of the shrunk share",
        "fcr_high_pct float its upper end",
        "fcr_flag text above or below what is expected of this mix, false discoveries kept under 5 %; else null",
        "aht_n int answered calls with all of their times",
        "aht_s float mean handling time, as delivered",
        "aht_expected_s float mean of all agents on this agent's queues and reasons; the longest calls cut",
        "aht_shrunk_s float the agent's mean, drawn towards the expected one; the longest calls cut",
        "aht_low_s float lower end of its 95 % interval",
        "aht_high_s float its upper end",
        "aht_flag text above (slower) or below (quicker) what is expected, as for fcr_flag",
        "logged_s float seconds logged in, overlaps once; null without states",
        "occupancy_pct float talk and hold ÷ talk, hold and idle",
        "shifts_planned int planned shifts that began in the month; null without a plan",
        "shifts_attended int of these, with the agent present",
        "swings int days that swing far from the agent's usual (table agent_days)",
    ),
)

AGENT_DAYS = Table(
    "agent_days",
    "one day of an agent that swings far from what is usual with this agent",
    ("vendor", "month"),
    ("agent_id", "day", "what"),
    columns(
        "agent_id text agent",
        "day date day by the vendor's zone",
        "what text answered, aht (seconds), talk_time (seconds, where handling times are not delivered) or "
        "short_calls (share of the day's answered calls with under 10 s of talk, %)",
        "n int answered calls of that day",
        "value float what the day shows",
        "usual float the agent's median day, moved as all agents moved on that day",
        "far float how many of the agent's own usual deviations it lies off",
        "q float share of such days that chance would name (Benjamini and Hochberg)",
    ),
)

QUALITY = Table(
    "quality",
    "monitored calls of one scorer, as a whole or of one queue",
    ("vendor", "month"),
    ("scored_by", "queue"),
    columns(
        "scored_by text who listened; where the file does not say, who delivered it",
        "queue text queue in which the monitored agents answer most; null for all",
        "n int monitored calls",
        "scored int of these, with a score",
        "agents int agents monitored",
        "score float mean score",
        "score_low float lower end of its 95 % interval",
        "score_high float its upper end",
        "judged int calls of which it is told whether they passed",
        "passed_pct float share of these that passed",
        "passed_low_pct float lower end of its 95 % interval (Wilson)",
        "passed_high_pct float its upper end",
        "fault_a int grave faults",
        "fault_b int middling faults",
        "fault_c int slight faults",
        "last_n int calls with a score last month; null where it has none",
        "last_score float last month's mean score",
        "change float this month's mean less last month's",
        "change_low float lower end of its 95 % interval (Welch)",
        "change_high float its upper end",
        "months int months with scores, this one included",
        "next_score float mean score to expect next month; null below 3 months",
        "next_low float lower end of the 95 % interval of next month's mean",
        "next_high float its upper end",
        "note text too_few_months:<n> where nothing can be expected; else null",
    ),
)
