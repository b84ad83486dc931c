package com.example.orders;

public class OrdersApplication {
    public static void main(String[] arguments) {
        System.out.println("taking orders");
    }
}
