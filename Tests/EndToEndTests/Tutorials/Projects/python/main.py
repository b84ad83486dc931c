from app import application

print("watching certificates")
application.run()
