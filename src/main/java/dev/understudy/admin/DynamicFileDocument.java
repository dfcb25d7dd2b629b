package dev.understudy.admin;

import dev.understudy.file.BoundedFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * The dynamic file as written, but for secrets and comments: placeholders stay as they are. At most
 * 1 MB, 100,000 values and 4 million characters; what is beyond is left out.
 */
final class DynamicFileDocument {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_VALUES = 100_000;
  private static final int MAX_CHARACTERS = 4_000_000;
  private static final int MAX_DEPTH = 40;
  private static final String LEFT_OUT = "…";

  /** Header fields whose values are no secrets; those of all others are masked. */
  private static final List<String> OPEN_HEADERS =
      List.of("accept", "content-type", "host", "user-agent");

  private final SecretMask secrets;
  private int values;
  private int characters;

  private DynamicFileDocument(SecretMask secrets) {
    this.secrets = secrets;
  }

  /**
   * Reads the file.
   *
   * @return maps, lists and strings; a sentence if it can't be read
   */
  static Object of(Path file, SecretMask secrets) {
    try {
      byte[] bytes = BoundedFile.read(file, MAX_BYTES);
      return bytes.length > MAX_BYTES
          ? "larger than " + MAX_BYTES + " bytes"
          : of(new String(bytes, StandardCharsets.UTF_8), secrets);
    } catch (IOException e) {
      return "can't be read: " + BoundedFile.reason(e);
    }
  }

  static Object of(String yaml, SecretMask secrets) {
    try {
      LoaderOptions limits = new LoaderOptions();
      limits.setCodePointLimit(MAX_BYTES);
      limits.setNestingDepthLimit(MAX_DEPTH);
      Node root = new Yaml(limits).compose(new StringReader(yaml));
      if (root == null) {
        return Map.of();
      }
      new DynamicFileDocument(secrets).learn("", root, 0);
      return new DynamicFileDocument(secrets).value("", root, 0);
    } catch (YAMLException e) {
      // Without the message, which quotes the text.
      var mark = e instanceof MarkedYAMLException marked ? marked.getProblemMark() : null;
      return mark == null ? "not YAML" : "not YAML in line " + (mark.getLine() + 1);
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

  private Object value(String name, Node node, int depth) {
    if (left(depth)) {
      return LEFT_OUT;
    }
    if (node instanceof ScalarNode scalar) {
      return text(secrets.mask(name, scalar.getValue()));
    }
    if (node instanceof SequenceNode sequence) {
      List<Object> elements = new ArrayList<>();
      for (Node element : sequence.getValue()) {
        elements.add(value(name, element, depth + 1));
      }
      return elements;
    }
    return node instanceof MappingNode mapping ? map(name, mapping, depth) : LEFT_OUT;
  }

  private Map<String, Object> map(String name, MappingNode mapping, int depth) {
    Map<String, Object> fields = new LinkedHashMap<>();
    boolean headers = name.equals("headers");
    boolean namesSecret = mapping.getValue().stream().anyMatch(DynamicFileDocument::namesSecret);
    for (NodeTuple tuple : mapping.getValue()) {
      String key = key(tuple);
      boolean secret =
          (headers && !OPEN_HEADERS.contains(key.toLowerCase(Locale.ROOT)))
              || (namesSecret && !namesSecret(tuple) && tuple.getValueNode() instanceof ScalarNode);
      fields.put(key, secret ? SecretMask.MASK : value(key, tuple.getValueNode(), depth + 1));
    }
    return fields;
  }

  /**
   * Whether a value names something secret, such as the argument of a filter that sets a header.
   */
  private static boolean namesSecret(NodeTuple tuple) {
    return tuple.getValueNode() instanceof ScalarNode scalar
        && scalar.getValue().matches("[A-Za-z0-9_-]{1,100}")
        && (SecretMask.isSecret(scalar.getValue())
            || scalar.getValue().toLowerCase(Locale.ROOT).endsWith("cookie"));
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
