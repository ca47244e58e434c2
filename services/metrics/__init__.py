"""Facts counted, never declared (统计与评价)."""
