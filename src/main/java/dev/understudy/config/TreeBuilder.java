package dev.understudy.config;

import dev.understudy.file.YamlSize;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Converts SnakeYAML's nodes: follows aliases and merge keys within limits, and keeps the first of
 * duplicate keys.
 */
final class TreeBuilder {
  /** A decimal number of at most nine digits, which YAML reads as an integer of the same text. */
  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,8}");

  private final Problems problems;
  private final ScalarValues values = new ScalarValues();
  private final YamlSize size = new YamlSize();

  TreeBuilder(Problems problems) {
    this.problems = problems;
  }

  /** Returns the tree, or null after reporting problems. */
  @Nullable MapNode build(org.yaml.snakeyaml.nodes.Node root) {
    Position at = Position.of(root.getStartMark());
    if (!(root instanceof MappingNode mapping)) {
      problems.addAt(at, "expected a map with the keys pools and routes");
      return null;
    }
    try {
      return map(mapping, at, "", 0);
    } catch (TooMuch e) {
      problems.addAt(at, e.what);
      return null;
    }
  }

  private Node node(org.yaml.snakeyaml.nodes.Node node, Position at, String path, int depth) {
    boolean scalar = node instanceof org.yaml.snakeyaml.nodes.ScalarNode;
    bound(scalar ? size.addScalar(null) : size.addCollection(null), depth);
    bound(size.addText(path), depth);
    if (!TreeReader.PLAIN_TAGS.contains(node.getTag())) {
      String tag = ScalarDisclosure.isFree(path) ? "a tag" : "the tag " + node.getTag();
      problems.add(at, path, null, "expected plain YAML, found " + tag);
    }
    return switch (node) {
      case MappingNode mapping -> map(mapping, at, path, depth);
      case SequenceNode sequence -> list(sequence, at, path, depth);
      case org.yaml.snakeyaml.nodes.ScalarNode text -> scalar(text, path);
      default -> throw new TooMuch("expected plain YAML");
    };
  }

  private ScalarNode scalar(org.yaml.snakeyaml.nodes.ScalarNode node, String path) {
    Position at = Position.of(node.getStartMark());
    Object value = null;
    try {
      value = values.of(node);
    } catch (RuntimeException e) {
      problems.add(
          at,
          path,
          ProblemValue.show(new ScalarNode(path, at, node.getValue(), node.getValue())),
          "expected a value that fits its tag, or no tag");
    }
    return new ScalarNode(path, at, node.getValue(), value);
  }

  private void bound(boolean fits, int depth) {
    if (!fits) {
      throw new TooMuch(size.expected() + " once aliases are followed");
    }
    if (depth > DynamicFileLimits.DEPTH) {
      throw new TooMuch(
          "expected at most " + DynamicFileLimits.DEPTH + " levels once aliases are followed");
    }
  }

  private MapNode map(MappingNode mapping, Position at, String path, int depth) {
    Map<String, Node> entries = new LinkedHashMap<>();
    Map<String, Position> keys = new LinkedHashMap<>();
    List<MappingNode> merged = new ArrayList<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (Tag.MERGE.equals(tuple.getKeyNode().getTag())) {
        collectMerged(tuple.getValueNode(), path, merged);
      } else {
        entry(tuple, path, depth, entries, keys);
      }
    }
    for (MappingNode each : merged) {
      bound(size.addCollection(null), depth);
      MapNode other = map(each, at, path, depth + 1);
      other.entries().forEach(entries::putIfAbsent);
      other.keys().forEach(keys::putIfAbsent);
    }
    return new MapNode(path, at, entries, keys);
  }

  /** Collects what a merge key names: a map, or a list of maps (YAML 1.1, "Merge Key"). */
  private void collectMerged(
      org.yaml.snakeyaml.nodes.Node value, String path, List<MappingNode> merged) {
    if (value instanceof SequenceNode sequence) {
      sequence.getValue().forEach(each -> merge(each, path, merged));
    } else {
      merge(value, path, merged);
    }
  }

  private void merge(org.yaml.snakeyaml.nodes.Node value, String path, List<MappingNode> merged) {
    if (value instanceof MappingNode mapping) {
      merged.add(mapping);
    } else {
      bound(size.addScalar(null), 0);
      Position at = Position.of(value.getStartMark());
      problems.add(at, PropertyPaths.child(path, "<<"), null, "expected a map, or a list of maps");
    }
  }

  private void entry(
      NodeTuple tuple,
      String path,
      int depth,
      Map<String, Node> entries,
      Map<String, Position> keys) {
    Position at = Position.of(tuple.getKeyNode().getStartMark());
    if (!(tuple.getKeyNode() instanceof org.yaml.snakeyaml.nodes.ScalarNode keyNode)) {
      throw new TooMuch("expected a plain key at line " + at.line());
    }
    bound(size.addScalar(null), depth);
    String key = keyNode.getValue();
    String childPath = PropertyPaths.child(path, key);
    Position first = keys.get(key);
    if (first != null) {
      if (!at.equals(first)) {
        problems.add(at, childPath, null, "duplicate key, first in line " + first.line());
      }
      return;
    }
    keys.put(key, at);
    if (!isWholeText(keyNode)) {
      problems.add(at, childPath, null, "expected a key in quotes (YAML does not read it as text)");
    }
    entries.put(key, node(tuple.getValueNode(), at, childPath, depth + 1));
  }

  private ListNode list(SequenceNode sequence, Position at, String path, int depth) {
    List<Node> items = new ArrayList<>();
    for (org.yaml.snakeyaml.nodes.Node each : sequence.getValue()) {
      items.add(
          node(
              each,
              Position.of(each.getStartMark()),
              PropertyPaths.item(path, items.size()),
              depth + 1));
    }
    return new ListNode(path, at, items);
  }

  /** Whether YAML reads the key as the text that is written. */
  private static boolean isWholeText(org.yaml.snakeyaml.nodes.ScalarNode key) {
    return Tag.STR.equals(key.getTag())
        || (Tag.INT.equals(key.getTag()) && NUMBER.matcher(key.getValue()).matches());
  }

  /** Converts scalars by the rules of YAML 1.1, as Spring Boot's loader does. */
  private static final class ScalarValues extends SafeConstructor {
    ScalarValues() {
      super(new LoaderOptions());
    }

    /**
     * Returns a text, number or boolean; null for YAML's null.
     *
     * @throws RuntimeException if a text does not fit its explicit tag, such as {@code !!int x}
     */
    @Nullable Object of(org.yaml.snakeyaml.nodes.ScalarNode node) {
      return getConstructor(node).construct(node);
    }
  }

  /** Ends the conversion of a tree that is too large or has an unusable structure. */
  private static final class TooMuch extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String what;

    TooMuch(String what) {
      super(what, null, false, false);
      this.what = what;
    }
  }
}
