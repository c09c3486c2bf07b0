"""The dashboard: pages of HTML, CSS and JavaScript that talk to REST; they hold no data themselves."""
