package dev.understudy.traffic;

/** What a {@link TrafficListener} counts of one route; see {@link MatchedRoute#statistics}. */
public interface RouteStatistics {}
