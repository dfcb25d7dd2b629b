package dev.understudy.config;

/** A value of the file with its position: a map, a list or a scalar. */
sealed interface Node permits MapNode, ListNode, ScalarNode {
  /** The property path; see {@link PropertyPaths}. */
  String path();

  /** The start of the value; for a map or a list under a key, the position of the key. */
  Position at();
}
