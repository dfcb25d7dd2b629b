package dev.understudy.gatewayapi.object;

import dev.understudy.gatewayapi.object.Match.FieldMatch;
import dev.understudy.gatewayapi.object.Match.PathMatch;
import dev.understudy.gatewayapi.object.Match.PathType;
import dev.understudy.gatewayapi.object.RouteFilter.Field;
import dev.understudy.gatewayapi.object.RouteFilter.PathChange;
import dev.understudy.gatewayapi.object.Rule.BackendRef;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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

  Route read(ObjectFields spec) {
    return new Route(
        kind,
        meta,
        spec.list("parentRefs", this::parent),
        spec.texts("hostnames").stream().map(name -> name.toLowerCase(Locale.ROOT)).toList(),
        spec.list("rules", this::rule));
  }

  private ParentRef parent(ObjectFields fields) {
    Reference to = fields.reference(ObjectKind.GATEWAY, meta.namespace());
    return new ParentRef(
        to.withPort(null), fields.optional("sectionName"), to.port(), fields.has("namespace"));
  }

  private Rule rule(ObjectFields fields) {
    List<Match> matches =
        fields.list(
            "matches", each -> kind == ObjectKind.GRPC_ROUTE ? grpcMatch(each) : httpMatch(each));
    ObjectFields timeouts = fields.at("timeouts");
    return new Rule(
        fields.optional("name"),
        matches.isEmpty() ? List.of(Match.ANY) : matches,
        filters(fields),
        fields.list("backendRefs", this::backend),
        GatewayDuration.read(timeouts.optional("request")),
        GatewayDuration.read(timeouts.optional("backendRequest")));
  }

  private BackendRef backend(ObjectFields fields) {
    return new BackendRef(
        fields.reference(ObjectKind.SERVICE, meta.namespace()),
        fields.number("weight", 1),
        filters(fields));
  }

  private static Match httpMatch(ObjectFields fields) {
    ObjectFields path = fields.at("path");
    PathType type =
        switch (path.text("type", "PathPrefix")) {
          case "Exact" -> PathType.EXACT;
          case "PathPrefix" -> PathType.PREFIX;
          default -> PathType.REGEX;
        };
    return new Match(
        new PathMatch(type, path.text("value", "/")),
        fields.optional("method"),
        fields.list("headers", RouteReader::fieldMatch),
        fields.list("queryParams", RouteReader::fieldMatch));
  }

  private static FieldMatch fieldMatch(ObjectFields fields) {
    return new FieldMatch(
        fields.required("name"), fields.text("value"), fields.text("type").equals(REGEX));
  }

  private static Match grpcMatch(ObjectFields fields) {
    ObjectFields method = fields.at("method");
    return new Match(
        grpcPath(
            method.optional("service"),
            method.optional("method"),
            method.text("type").equals(REGEX)),
        null,
        fields.list("headers", RouteReader::fieldMatch),
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

  private static List<RouteFilter> filters(ObjectFields fields) {
    return fields.list("filters", RouteReader::filter);
  }

  private static RouteFilter filter(ObjectFields fields) {
    String type = fields.required("type");
    return switch (type) {
      case "RequestHeaderModifier" -> headers(fields.at("requestHeaderModifier"), false);
      case "ResponseHeaderModifier" -> headers(fields.at("responseHeaderModifier"), true);
      case "RequestRedirect" -> redirect(fields.at("requestRedirect"));
      case "URLRewrite" -> rewrite(fields.at("urlRewrite"));
      default -> new RouteFilter.Unsupported(type);
    };
  }

  private static RouteFilter headers(ObjectFields fields, boolean ofResponse) {
    return new RouteFilter.Headers(
        ofResponse,
        fields.list("set", RouteReader::field),
        fields.list("add", RouteReader::field),
        fields.texts("remove"));
  }

  private static Field field(ObjectFields fields) {
    return new Field(fields.required("name"), fields.text("value"));
  }

  private static RouteFilter redirect(ObjectFields fields) {
    return new RouteFilter.Redirect(
        fields.optional("scheme"),
        fields.optional("hostname"),
        fields.number("port"),
        path(fields),
        fields.number("statusCode", FOUND));
  }

  private static RouteFilter rewrite(ObjectFields fields) {
    return new RouteFilter.Rewrite(fields.optional("hostname"), path(fields));
  }

  private static @Nullable PathChange path(ObjectFields fields) {
    if (!fields.has("path")) {
      return null;
    }
    ObjectFields path = fields.at("path");
    boolean prefixOnly = path.text("type").equals("ReplacePrefixMatch");
    return new PathChange(
        prefixOnly, path.text(prefixOnly ? "replacePrefixMatch" : "replaceFullPath"));
  }
}
