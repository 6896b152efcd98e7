"""The socket: clients, what they subscribe to, limits, and the watchdog of a silent session.

Reads the published state and history; it never touches a model. Asks the session by orders only.
"""
