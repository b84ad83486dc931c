import express from "express";

const port: number = 3000;
express().listen(port);
console.log("the shop is open");
