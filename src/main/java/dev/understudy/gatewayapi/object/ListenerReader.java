package dev.understudy.gatewayapi.object;

import dev.understudy.gatewayapi.object.ListenerEntry.GroupKind;
import dev.understudy.gatewayapi.object.NamespaceScope.From;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads listeners, and what says who may attach to them. */
final class ListenerReader {
  private ListenerReader() {}

  static List<ListenerEntry> listeners(JsonNode list, String namespace) {
    return ObjectFields.list(list, each -> listener(each, namespace));
  }

  private static ListenerEntry listener(JsonNode node, String namespace) {
    String hostname = ObjectFields.optional(node, "hostname");
    JsonNode routes = node.path("allowedRoutes");
    return new ListenerEntry(
        ObjectFields.required(node, "name"),
        hostname == null ? null : hostname.toLowerCase(Locale.ROOT),
        Objects.requireNonNullElse(ObjectFields.number(node, "port"), 0),
        ObjectFields.text(node, "protocol", ""),
        node.has("tls") ? tls(node.path("tls"), namespace) : null,
        scope(routes.path("namespaces"), From.SAME),
        kinds(routes.path("kinds")));
  }

  private static ListenerEntry.Tls tls(JsonNode node, String namespace) {
    return new ListenerEntry.Tls(
        ObjectFields.text(node, "mode", "Terminate").equals("Passthrough"),
        ObjectFields.list(
            node.path("certificateRefs"),
            each -> ObjectFields.reference(each, "", ObjectKind.SECRET.kind(), namespace)));
  }

  private static @Nullable List<GroupKind> kinds(JsonNode list) {
    return list.isEmpty()
        ? null
        : ObjectFields.list(
            list,
            each ->
                new GroupKind(
                    ObjectFields.text(each, "group", ObjectKind.GATEWAY.group()),
                    ObjectFields.required(each, "kind")));
  }

  static NamespaceScope scope(JsonNode node, From preset) {
    From from =
        switch (ObjectFields.text(node, "from", "")) {
          case "All" -> From.ALL;
          case "Same" -> From.SAME;
          case "Selector" -> From.SELECTOR;
          case "" -> preset;
          default -> From.NONE;
        };
    JsonNode selector = node.path("selector");
    return new NamespaceScope(
        from,
        ObjectFields.map(selector.path("matchLabels")),
        ObjectFields.list(selector.path("matchExpressions"), ListenerReader::expression));
  }

  private static NamespaceScope.Expression expression(JsonNode node) {
    NamespaceScope.Operator operator =
        switch (ObjectFields.required(node, "operator")) {
          case "In" -> NamespaceScope.Operator.IN;
          case "NotIn" -> NamespaceScope.Operator.NOT_IN;
          case "Exists" -> NamespaceScope.Operator.EXISTS;
          case "DoesNotExist" -> NamespaceScope.Operator.DOES_NOT_EXIST;
          default ->
              throw new IllegalArgumentException("an operator of a selector that is not known");
        };
    return new NamespaceScope.Expression(
        ObjectFields.required(node, "key"), operator, ObjectFields.texts(node.path("values")));
  }
}
