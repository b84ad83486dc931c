class OrdersTests {}
