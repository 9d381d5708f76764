"""Addresses of the catalogue room."""

from django.urls import path

from exovigil.catalogue.views import lots, products, safety, stock

app_name = "catalogue"
urlpatterns = [
    path("", products.products, name="products"),
    path("add/", products.add_product, name="add-product"),
    path("<int:product_id>/", products.product, name="product"),
    path("<int:product_id>/composition/add/", products.add_composition, name="add-composition"),
    path("<int:product_id>/legal/add/", products.add_legal_statement, name="add-legal-statement"),
    path("<int:product_id>/lots/add/", lots.add_lot, name="add-lot"),
    path("lots/<int:lot_id>/", lots.lot, name="lot"),
    path("lots/<int:lot_id>/release-tests/add/", lots.record_release_test, name="record-release-test"),
    path("lots/<int:lot_id>/expiry/", lots.state_expiry, name="state-expiry"),
    path("lots/<int:lot_id>/override/", safety.override_lot, name="override-lot"),
    path("lots/<int:lot_id>/quarantine/", safety.quarantine_lot, name="quarantine-lot"),
    path("lots/<int:lot_id>/quarantine/lift/", safety.release_quarantine, name="release-quarantine"),
    path("lots/<int:lot_id>/recall/", safety.recall_lot, name="recall-lot"),
    path("lots/<int:lot_id>/stock/receive/", stock.receive_stock, name="receive-stock"),
    path("lots/<int:lot_id>/stock/remove/", stock.remove_stock, name="remove-stock"),
]
