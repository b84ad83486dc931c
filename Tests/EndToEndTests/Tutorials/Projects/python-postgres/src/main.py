import psycopg2
from fastapi import FastAPI

app = FastAPI()
