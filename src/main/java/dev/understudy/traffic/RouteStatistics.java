package dev.understudy.traffic;

/**
 * The statistics of one route, kept by a {@link TrafficListener}; see {@link
 * MatchedRoute#statistics}.
 */
public interface RouteStatistics {}
