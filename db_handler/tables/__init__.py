"""What a table is: columns, their types, and values on their way in and out."""
