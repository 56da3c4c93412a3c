"""The style guide's address; for those who change the product."""

from django.urls import path

from kit import views

app_name = "kit"
urlpatterns = [path("", views.styleguide, name="styleguide")]
