"""The lake over HTTP: versioned answers for programs, and the workspace pages for people, from one process.

Every row comes through the door (`pipelines.serving.door`) with the caller's scope. Not here: what may be asked and how a query runs
(`pipelines.serving`), and what the rows mean (`sql/`).
"""
