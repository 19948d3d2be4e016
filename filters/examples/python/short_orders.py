def map(record):
    """Turns an order into one line of text, and gives it its city as the key.

    A map makes exactly one record of each; an exception reports the record that it cannot make.
    """
    order = record.json()
    return {"key": order["city"], "value": f"{order['id']} {order['amount']:.2f} {order['status']}"}
