package dev.understudy.admin;

import dev.understudy.file.BoundedFile;
import dev.understudy.file.BoundedYaml;
import dev.understudy.pool.Disclosure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * The dynamic file as written, without comments and without what {@link Disclosure} hides;
 * placeholders stay as they are. At most 1 MB, 100,000 values and 4 million characters; what is
 * beyond is left out.
 */
final class DynamicFileDocument {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_VALUES = 100_000;
  private static final int MAX_CHARACTERS = 4_000_000;
  private static final int MAX_DEPTH = 40;
  private static final int MAX_ALIASES = 50;
  private static final String LEFT_OUT = "…";

  private static final Pattern NUMBER =
      Pattern.compile("true|false|[0-9][0-9,. -]{0,40}(ns|us|ms|s|m|h|d|B|KB|MB|GB)?");

  private static final Set<String> PART_LISTS = Set.of("filters", "predicates", "default-filters");

  /** What the values of a map are. */
  private enum Kind {
    SETTINGS,
    HEADERS,
    /** Predicates or filters. */
    PARTS,
    /** Arguments of a predicate or a filter. */
    ARGUMENTS,
    METADATA
  }

  /**
   * Decides whether a value may be shown, by its name and text.
   *
   * @param part the predicate or the filter of {@link Kind#ARGUMENTS}; else empty
   */
  private record Rule(Kind kind, String part) {
    static Rule of(Kind kind) {
      return new Rule(kind, "");
    }

    boolean isOpen(String name, String text) {
      return switch (kind) {
        case SETTINGS -> Disclosure.isOpen(name, text) || NUMBER.matcher(text).matches();
        case HEADERS -> Disclosure.isOpenHeader(name);
        case PARTS -> name.equals("name") && Disclosure.isPartName(text);
        case ARGUMENTS -> Disclosure.isOpenArgument(part, name, text);
        case METADATA -> false;
      };
    }

    /** Whether the name of a value includes those of the maps around it. */
    boolean joinsNames() {
      return kind != Kind.SETTINGS && kind != Kind.PARTS;
    }
  }

  private final SecretMask secrets;
  private int values;
  private int characters;

  private DynamicFileDocument(SecretMask secrets) {
    this.secrets = secrets;
  }

  /**
   * Reads the file.
   *
   * @return maps, lists and strings; a sentence if it cannot be read
   */
  static Object of(Path file, SecretMask secrets) {
    try {
      byte[] bytes = BoundedFile.read(file, MAX_BYTES);
      return bytes.length > MAX_BYTES
          ? "larger than " + MAX_BYTES + " bytes"
          : of(new String(bytes, StandardCharsets.UTF_8), secrets);
    } catch (IOException e) {
      return "cannot be read: " + BoundedFile.reason(e);
    }
  }

  static Object of(String yaml, SecretMask secrets) {
    try {
      Node root = BoundedYaml.compose(yaml, MAX_BYTES, MAX_DEPTH, MAX_ALIASES);
      if (root == null) {
        return Map.of();
      }
      new DynamicFileDocument(secrets).learn("", root, 0);
      return new DynamicFileDocument(secrets).value(Rule.of(Kind.SETTINGS), "", root, 0);
    } catch (BoundedYaml.NotYaml e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Teaches all values of secret names before any is shown. */
  private void learn(String name, Node node, int depth) {
    if (left(depth)) {
      return;
    }
    if (node instanceof ScalarNode scalar) {
      secrets.learn(name, scalar.getValue());
    } else if (node instanceof SequenceNode sequence) {
      sequence.getValue().forEach(element -> learn(name, element, depth + 1));
    } else if (node instanceof MappingNode mapping) {
      mapping.getValue().forEach(tuple -> learn(key(tuple), tuple.getValueNode(), depth + 1));
    }
  }

  private Object value(Rule rule, String name, Node node, int depth) {
    if (left(depth)) {
      return LEFT_OUT;
    }
    if (node instanceof ScalarNode scalar) {
      return text(shown(rule, name, scalar.getValue()));
    }
    if (node instanceof SequenceNode sequence) {
      List<Object> elements = new ArrayList<>();
      for (Node element : sequence.getValue()) {
        elements.add(
            rule.kind() == Kind.PARTS && element instanceof ScalarNode part
                ? text(secrets.mask(Disclosure.shortForm(part.getValue())))
                : value(rule, name, element, depth + 1));
      }
      return elements;
    }
    return node instanceof MappingNode mapping ? map(rule, name, mapping, depth) : LEFT_OUT;
  }

  private String shown(Rule rule, String name, String value) {
    return SecretMask.isReference(value) || rule.isOpen(name, value)
        ? secrets.mask(name, value)
        : SecretMask.MASK;
  }

  private Map<String, Object> map(Rule rule, String name, MappingNode mapping, int depth) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key = key(tuple);
      Rule inside = inside(rule, key, mapping);
      String path = rule.joinsNames() && !name.isEmpty() ? name + "." + key : key;
      fields.put(
          key, value(inside, inside.equals(rule) ? path : "", tuple.getValueNode(), depth + 1));
    }
    return fields;
  }

  /** The rule for the value of a key of that mapping. */
  private static Rule inside(Rule rule, String key, MappingNode mapping) {
    if (rule.kind() == Kind.PARTS && key.equals("args")) {
      String part =
          mapping.getValue().stream()
              .filter(tuple -> key(tuple).equals("name"))
              .map(tuple -> tuple.getValueNode() instanceof ScalarNode name ? name.getValue() : "")
              .findFirst()
              .orElse("");
      return new Rule(Kind.ARGUMENTS, part);
    }
    if (rule.kind() != Kind.SETTINGS) {
      return rule;
    }
    return switch (key) {
      case "headers" -> Rule.of(Kind.HEADERS);
      case "metadata", "arguments" -> Rule.of(Kind.METADATA);
      default -> Rule.of(PART_LISTS.contains(key) ? Kind.PARTS : Kind.SETTINGS);
    };
  }

  /** Counts a value; whether it is beyond the limits. */
  private boolean left(int depth) {
    return ++values > MAX_VALUES || depth > MAX_DEPTH || characters > MAX_CHARACTERS;
  }

  private String text(String value) {
    characters += value.length();
    return value;
  }

  private static String key(NodeTuple tuple) {
    @Nullable Node key = tuple.getKeyNode();
    return key instanceof ScalarNode scalar ? scalar.getValue() : LEFT_OUT;
  }
}
