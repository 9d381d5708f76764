"""Pages of the vigilance room, one file per task."""
