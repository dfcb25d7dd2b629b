package dev.understudy.gatewayapi.object;

import org.jspecify.annotations.Nullable;

/**
 * What a policy attaches to, in its own namespace.
 *
 * @param sectionName a rule of a route, or a port of a Service, by its name; null for all
 */
public record PolicyTarget(Reference to, @Nullable String sectionName) {}
