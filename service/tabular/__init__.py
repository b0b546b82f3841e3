"""What projects share whose rows stand by themselves: a customer, a request, a day, rather than a series."""
