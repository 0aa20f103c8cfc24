check {} any-order.gate {}
