"""The daemon: everything that has an effect. ``reconcile`` is the pass, ``app`` the composition root."""
