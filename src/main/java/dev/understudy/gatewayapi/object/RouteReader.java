package dev.understudy.gatewayapi.object;

import dev.understudy.gatewayapi.object.Match.FieldMatch;
import dev.understudy.gatewayapi.object.Match.PathMatch;
import dev.understudy.gatewayapi.object.Match.PathType;
import dev.understudy.gatewayapi.object.RouteFilter.Field;
import dev.understudy.gatewayapi.object.RouteFilter.PathChange;
import dev.understudy.gatewayapi.object.Rule.BackendRef;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads routes of all kinds; a method of gRPC becomes the path that it is on the wire. */
final class RouteReader {
  /** The status of redirects without one. */
  private static final int FOUND = 302;

  private static final String REGEX = "RegularExpression";

  private final ObjectKind kind;
  private final Meta meta;

  RouteReader(ObjectKind kind, Meta meta) {
    this.kind = kind;
    this.meta = meta;
  }

  Route read(JsonNode spec) {
    return new Route(
        kind,
        meta,
        ObjectFields.list(spec.path("parentRefs"), this::parent),
        ObjectFields.texts(spec.path("hostnames")).stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .toList(),
        ObjectFields.list(spec.path("rules"), this::rule));
  }

  private ParentRef parent(JsonNode node) {
    Reference to =
        ObjectFields.reference(
            node, ObjectKind.GATEWAY.group(), ObjectKind.GATEWAY.kind(), meta.namespace());
    return new ParentRef(
        to.withPort(null),
        ObjectFields.optional(node, "sectionName"),
        to.port(),
        node.has("namespace"));
  }

  private Rule rule(JsonNode node) {
    List<Match> matches =
        ObjectFields.list(
            node.path("matches"),
            each -> kind == ObjectKind.GRPC_ROUTE ? grpcMatch(each) : httpMatch(each));
    JsonNode timeouts = node.path("timeouts");
    return new Rule(
        ObjectFields.optional(node, "name"),
        matches.isEmpty() ? List.of(Match.ANY) : matches,
        filters(node.path("filters")),
        ObjectFields.list(node.path("backendRefs"), this::backend),
        GatewayDuration.read(ObjectFields.optional(timeouts, "request")),
        GatewayDuration.read(ObjectFields.optional(timeouts, "backendRequest")));
  }

  private BackendRef backend(JsonNode node) {
    return new BackendRef(
        ObjectFields.reference(node, "", ObjectKind.SERVICE.kind(), meta.namespace()),
        Objects.requireNonNullElse(ObjectFields.number(node, "weight"), 1),
        filters(node.path("filters")));
  }

  private static Match httpMatch(JsonNode node) {
    JsonNode path = node.path("path");
    PathType type =
        switch (ObjectFields.text(path, "type", "PathPrefix")) {
          case "Exact" -> PathType.EXACT;
          case "PathPrefix" -> PathType.PREFIX;
          default -> PathType.REGEX;
        };
    return new Match(
        new PathMatch(type, ObjectFields.text(path, "value", "/")),
        ObjectFields.optional(node, "method"),
        fields(node.path("headers")),
        fields(node.path("queryParams")));
  }

  private static List<FieldMatch> fields(JsonNode list) {
    return ObjectFields.list(
        list,
        each ->
            new FieldMatch(
                ObjectFields.required(each, "name"),
                ObjectFields.text(each, "value", ""),
                ObjectFields.text(each, "type", "").equals(REGEX)));
  }

  private static Match grpcMatch(JsonNode node) {
    JsonNode method = node.path("method");
    return new Match(
        grpcPath(
            ObjectFields.optional(method, "service"),
            ObjectFields.optional(method, "method"),
            ObjectFields.text(method, "type", "").equals(REGEX)),
        null,
        fields(node.path("headers")),
        List.of());
  }

  private static PathMatch grpcPath(
      @Nullable String service, @Nullable String method, boolean regex) {
    if (service == null && method == null) {
      return PathMatch.ANY;
    }
    if (service != null && method != null && !regex) {
      return new PathMatch(PathType.EXACT, "/" + service + "/" + method);
    }
    if (service != null && method == null && !regex) {
      return new PathMatch(PathType.PREFIX, "/" + service);
    }
    return new PathMatch(
        PathType.REGEX, "^/" + segment(service, regex) + "/" + segment(method, regex) + "$");
  }

  private static String segment(@Nullable String text, boolean regex) {
    if (text == null) {
      return "[^/]+";
    }
    return regex ? "(?:" + text + ")" : Pattern.quote(text);
  }

  private static List<RouteFilter> filters(JsonNode list) {
    return ObjectFields.list(list, RouteReader::filter);
  }

  private static RouteFilter filter(JsonNode node) {
    String type = ObjectFields.required(node, "type");
    return switch (type) {
      case "RequestHeaderModifier" -> headers(node.path("requestHeaderModifier"), false);
      case "ResponseHeaderModifier" -> headers(node.path("responseHeaderModifier"), true);
      case "RequestRedirect" -> redirect(node.path("requestRedirect"));
      case "URLRewrite" ->
          new RouteFilter.Rewrite(
              ObjectFields.optional(node.path("urlRewrite"), "hostname"),
              path(node.path("urlRewrite").path("path")));
      default -> new RouteFilter.Unsupported(type);
    };
  }

  private static RouteFilter headers(JsonNode node, boolean ofResponse) {
    return new RouteFilter.Headers(
        ofResponse,
        ObjectFields.list(node.path("set"), RouteReader::field),
        ObjectFields.list(node.path("add"), RouteReader::field),
        ObjectFields.texts(node.path("remove")));
  }

  private static Field field(JsonNode node) {
    return new Field(ObjectFields.required(node, "name"), ObjectFields.text(node, "value", ""));
  }

  private static RouteFilter redirect(JsonNode node) {
    return new RouteFilter.Redirect(
        ObjectFields.optional(node, "scheme"),
        ObjectFields.optional(node, "hostname"),
        ObjectFields.number(node, "port"),
        path(node.path("path")),
        Objects.requireNonNullElse(ObjectFields.number(node, "statusCode"), FOUND));
  }

  private static @Nullable PathChange path(JsonNode node) {
    if (node.isMissingNode()) {
      return null;
    }
    boolean prefixOnly = ObjectFields.text(node, "type", "").equals("ReplacePrefixMatch");
    return new PathChange(
        prefixOnly,
        ObjectFields.text(node, prefixOnly ? "replacePrefixMatch" : "replaceFullPath", ""));
  }
}
