"""The daemon's HTTP side: what monitoring, scripts and the trackers' webhooks reach. It reads the store and judges
nothing; all that it may cause is a look at a tracker.
"""
