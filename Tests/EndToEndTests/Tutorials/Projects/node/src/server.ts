import express from "express";

function serve(port: number) {
  express().listen(port);
  console.log("serving the shop");
}

serve(3000);
