"""The vague-field lint: which reported figures the contract leaves undefined, and what to ask the vendor.

It looks at the contract alone; which definition a vendor's number really follows is not inferred here.
"""
