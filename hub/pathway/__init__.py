"""The procedures: profiles, gates, clocks and pattern rules over a folded child; pure."""
