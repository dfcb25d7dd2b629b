package dev.understudy.haproxy.yaml;

/**
 * Stands for a list that is written elsewhere in the document.
 *
 * @param anchor the list's name
 */
public record YamlAlias(String anchor) implements YamlNode {}
