package dev.understudy.gatewayapi.object;

import dev.understudy.gatewayapi.object.ListenerEntry.GroupKind;
import dev.understudy.gatewayapi.object.NamespaceScope.From;
import java.util.List;
import java.util.Locale;

/** Reads listeners, and what says who may attach to them. */
final class ListenerReader {
  private ListenerReader() {}

  static List<ListenerEntry> listeners(ObjectFields spec, String namespace) {
    return spec.list("listeners", each -> listener(each, namespace));
  }

  private static ListenerEntry listener(ObjectFields fields, String namespace) {
    String hostname = fields.optional("hostname");
    ObjectFields routes = fields.at("allowedRoutes");
    List<GroupKind> kinds =
        routes.list(
            "kinds",
            each ->
                new GroupKind(
                    each.text("group", ObjectKind.GATEWAY.group()), each.required("kind")));
    return new ListenerEntry(
        fields.required("name"),
        hostname == null ? null : hostname.toLowerCase(Locale.ROOT),
        fields.number("port", 0),
        fields.text("protocol"),
        fields.has("tls") ? tls(fields.at("tls"), namespace) : null,
        scope(routes.at("namespaces"), From.SAME),
        kinds.isEmpty() ? null : kinds);
  }

  private static ListenerEntry.Tls tls(ObjectFields fields, String namespace) {
    return new ListenerEntry.Tls(
        fields.text("mode").equals("Passthrough"),
        fields.list("certificateRefs", each -> each.reference(ObjectKind.SECRET, namespace)));
  }

  static NamespaceScope scope(ObjectFields fields, From preset) {
    From from =
        switch (fields.text("from")) {
          case "All" -> From.ALL;
          case "Same" -> From.SAME;
          case "Selector" -> From.SELECTOR;
          case "" -> preset;
          default -> From.NONE;
        };
    ObjectFields selector = fields.at("selector");
    return new NamespaceScope(
        from,
        selector.map("matchLabels"),
        selector.list("matchExpressions", ListenerReader::expression));
  }

  private static NamespaceScope.Expression expression(ObjectFields fields) {
    NamespaceScope.Operator operator =
        switch (fields.required("operator")) {
          case "In" -> NamespaceScope.Operator.IN;
          case "NotIn" -> NamespaceScope.Operator.NOT_IN;
          case "Exists" -> NamespaceScope.Operator.EXISTS;
          case "DoesNotExist" -> NamespaceScope.Operator.DOES_NOT_EXIST;
          default ->
              throw new IllegalArgumentException("an operator of a selector that is not known");
        };
    return new NamespaceScope.Expression(fields.required("key"), operator, fields.texts("values"));
  }
}
