package dev.understudy.config;

/** A value of the file with its place: a map, a list or a scalar. */
sealed interface Node permits MapNode, ListNode, ScalarNode {
  /** As people read it; see {@link Paths}. */
  String path();

  /** Where it begins; for a map or a list that has a key, the place of the key. */
  Position at();
}
