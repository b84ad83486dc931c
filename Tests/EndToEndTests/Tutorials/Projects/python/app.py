import os
from flask import Flask

application = Flask(__name__)
port = os.environ.get("PORT", "8000")
