"""A pane's consumer whose SmartStreams run beside the broker's log. Others are in live.evaluation."""
