package dev.understudy.handover;

/**
 * A listening socket that is handed over.
 *
 * @param name the name of its listener
 * @param address its address, as text
 * @param port its port
 */
public record OfferedSocket(String name, String address, int port) {}
