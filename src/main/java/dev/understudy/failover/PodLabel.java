package dev.understudy.failover;

/**
 * What the role label of a server's Pod says.
 *
 * @param affirms whether it says that the server has the role
 * @param text the label, for people: {@code cnpg.io/instanceRole=replica}
 */
public record PodLabel(boolean affirms, String text) {}
