"""Real processes, killed, stopped and starved at named places while tills sell."""
