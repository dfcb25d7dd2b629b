package dev.understudy.gatewayapi.object;

import org.jspecify.annotations.Nullable;

/**
 * A reference of a route to a Gateway, a ListenerSet, or another kind of parent.
 *
 * @param to the parent; its port is null
 * @param sectionName the name of one listener; null for all
 * @param port the port of the listeners; null for all
 * @param namespaced whether the reference names the namespace itself, as its status must
 */
public record ParentRef(
    Reference to, @Nullable String sectionName, @Nullable Integer port, boolean namespaced) {}
