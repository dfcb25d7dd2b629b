package dev.understudy.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Turns SnakeYAML's nodes into ours: follows aliases and merge keys within bounds, and takes out
 * keys that stand twice.
 */
final class TreeBuilder {
  /** In decimal, below what YAML makes a long number of. */
  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,8}");

  private final Problems problems;
  private final Blanks text;
  private int nodes;

  TreeBuilder(String text, Problems problems) {
    this.problems = problems;
    this.text = new Blanks(text);
  }

  /** The tree, or null with problems said. */
  TreeReader.@Nullable Tree build(org.yaml.snakeyaml.nodes.Node root) {
    Position at = Position.of(root.getStartMark());
    if (!(root instanceof MappingNode mapping)) {
      problems.addAt(at, "expected a map with the keys pools and routes");
      return null;
    }
    try {
      MapNode tree = map(mapping, at, "", "", 0);
      return new TreeReader.Tree(tree, text.toString());
    } catch (TooMuch e) {
      problems.addAt(at, e.what);
      return null;
    }
  }

  private Node node(
      org.yaml.snakeyaml.nodes.Node node, Position at, String path, String source, int depth) {
    bound(depth);
    if (!TreeReader.PLAIN_TAGS.contains(node.getTag())) {
      problems.add(at, path, null, "expected plain YAML, found the tag " + node.getTag());
    }
    return switch (node) {
      case MappingNode mapping -> map(mapping, at, path, source, depth);
      case SequenceNode sequence -> list(sequence, at, path, source, depth);
      case org.yaml.snakeyaml.nodes.ScalarNode scalar ->
          new ScalarNode(
              path, Position.of(scalar.getStartMark()), scalar.getValue(), scalar.getTag(), source);
      default -> throw new TooMuch("expected plain YAML");
    };
  }

  private void bound(int depth) {
    if (++nodes > Limits.NODES) {
      throw new TooMuch("expected at most " + Limits.NODES + " values once aliases are followed");
    }
    if (depth > Limits.DEPTH) {
      throw new TooMuch("expected at most " + Limits.DEPTH + " levels once aliases are followed");
    }
  }

  private MapNode map(MappingNode mapping, Position at, String path, String source, int depth) {
    Map<String, Node> entries = new LinkedHashMap<>();
    Map<String, Position> keys = new LinkedHashMap<>();
    List<MappingNode> merged = new ArrayList<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (Tag.MERGE.equals(tuple.getKeyNode().getTag())) {
        collectMerged(tuple.getValueNode(), path, merged);
      } else {
        entry(tuple, path, source, depth, entries, keys);
      }
    }
    for (MappingNode each : merged) {
      bound(depth);
      MapNode other = map(each, at, path, source, depth + 1);
      other.entries().forEach(entries::putIfAbsent);
      other.keys().forEach(keys::putIfAbsent);
    }
    return new MapNode(path, at, entries, keys);
  }

  private void collectMerged(
      org.yaml.snakeyaml.nodes.Node value, String path, List<MappingNode> merged) {
    if (value instanceof MappingNode mapping) {
      merged.add(mapping);
    } else if (value instanceof SequenceNode sequence) {
      sequence.getValue().forEach(each -> collectMerged(each, path, merged));
    } else {
      problems.add(
          Position.of(value.getStartMark()), Paths.child(path, "<<"), null, "expected a map");
    }
  }

  private void entry(
      NodeTuple tuple,
      String path,
      String source,
      int depth,
      Map<String, Node> entries,
      Map<String, Position> keys) {
    Mark start = tuple.getKeyNode().getStartMark();
    Position at = Position.of(start);
    if (!(tuple.getKeyNode() instanceof org.yaml.snakeyaml.nodes.ScalarNode keyNode)) {
      throw new TooMuch("expected a plain key at line " + at.line());
    }
    String key = keyNode.getValue();
    String childPath = Paths.child(path, key);
    Position first = keys.get(key);
    if (first != null) {
      if (!at.equals(first)) {
        problems.add(at, childPath, null, "stands twice, first in line " + first.line());
        text.blank(start, tuple.getValueNode().getEndMark());
      }
      return;
    }
    keys.put(key, at);
    if (!isWholeText(keyNode)) {
      problems.add(at, childPath, null, "expected a key in quotes (YAML reads it as no text)");
    }
    entries.put(
        key, node(tuple.getValueNode(), at, childPath, sourceChild(source, keyNode), depth + 1));
  }

  private ListNode list(SequenceNode sequence, Position at, String path, String source, int depth) {
    List<Node> items = new ArrayList<>();
    for (org.yaml.snakeyaml.nodes.Node each : sequence.getValue()) {
      int index = items.size();
      items.add(
          node(
              each,
              Position.of(each.getStartMark()),
              Paths.item(path, index),
              source + "[" + index + "]",
              depth + 1));
    }
    return new ListNode(path, at, items);
  }

  /** Whether Boot's loader takes the key for the text that is written. */
  private static boolean isWholeText(org.yaml.snakeyaml.nodes.ScalarNode key) {
    return Tag.STR.equals(key.getTag()) || isNumber(key);
  }

  private static boolean isNumber(org.yaml.snakeyaml.nodes.ScalarNode key) {
    return Tag.INT.equals(key.getTag()) && NUMBER.matcher(key.getValue()).matches();
  }

  /** As Spring's {@code YamlProcessor} joins keys. */
  private static String sourceChild(String source, org.yaml.snakeyaml.nodes.ScalarNode node) {
    String key = isNumber(node) ? "[" + node.getValue() + "]" : node.getValue();
    return source.isEmpty() ? key : key.startsWith("[") ? source + key : source + "." + key;
  }

  /** Thrown where reading on makes no sense. */
  private static final class TooMuch extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String what;

    TooMuch(String what) {
      super(what, null, false, false);
      this.what = what;
    }
  }
}
