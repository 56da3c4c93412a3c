"""Reading another installation's traces and scores: Langfuse, Phoenix, MLflow."""
