package dev.understudy.config;

import java.util.List;

/** A list of the file. */
record ListNode(String path, Position at, List<Node> items) implements Node {}
