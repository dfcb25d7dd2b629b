package dev.understudy.config;

import dev.understudy.pool.RouteSpec;

/** A route, its node in the file, and whether it is enabled. */
record PlacedRoute(RouteSpec route, MapNode node, boolean enabled) {}
