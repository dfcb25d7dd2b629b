package dev.understudy.config;

import org.yaml.snakeyaml.nodes.Tag;

/**
 * One value of the file.
 *
 * @param text as written, quotes and escapes taken off
 * @param tag what YAML takes it for
 * @param source its name among the properties that Boot's loader makes of the file
 */
record ScalarNode(String path, Position at, String text, Tag tag, String source) implements Node {
  boolean isNull() {
    return Tag.NULL.equals(tag);
  }

  boolean isText() {
    return Tag.STR.equals(tag);
  }
}
