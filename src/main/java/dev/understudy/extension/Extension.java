package dev.understudy.extension;

/**
 * One extension.
 *
 * @param jar the name of the jar that provides it
 * @param name what stands for it in the dynamic file
 * @param instance the only one of its class
 */
public record Extension<T>(String jar, String name, T instance) {}
