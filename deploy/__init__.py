"""What carries the system to a data centre: the image, the chart, and the tools to work on them."""
