from setuptools import setup

setup(name="certs", version="0.3", packages=["certs"])
