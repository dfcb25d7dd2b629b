# Understudy's image: Java 25, an AOT cache, a numeric user, a read-only root file system.
# Only /tmp is written to: Netty unpacks its native library there.
#
#   docker build -t understudy .
#   docker run -p 8080:8080 -p 127.0.0.1:9090:9090 -v "$PWD/config:/app/config:ro" --read-only --tmpfs /tmp:exec understudy

# By digest, since the tags move with each update of Java; renovate.json keeps tag and digest together. Others, such as
# a mirror's: docker build --build-arg JRE=…
ARG JDK=eclipse-temurin:25-jdk@sha256:8c0a84ea11c8f6ed52600fc19f1040121f2a162998e9f50a5faebbbad9172dcc
ARG JRE=eclipse-temurin:25-jre@sha256:fcd7fd7b387f94bb2ac461478a7436ad8e349924c374ea8313919624dceae636

FROM ${JDK} AS build
WORKDIR /build
COPY mvnw pom.xml LICENSE NOTICE ./
COPY .mvn .mvn
COPY src src
RUN --mount=type=cache,target=/root/.m2 ./mvnw -B -ntp -q package -Dmaven.test.skip

FROM ${JRE}
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Understudy" \
      org.opencontainers.image.description="A health-checking reverse proxy for components that run as master and backup" \
      org.opencontainers.image.licenses="Apache-2.0" \
      dev.understudy.sbom="/sbom/application.cdx.json" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Creates the directory on which the real configuration is mounted.
WORKDIR /app/config
WORKDIR /app

COPY --from=build /build/target/understudy.jar ./
COPY --from=build /build/LICENSE /build/NOTICE /build/target/classes/META-INF/THIRD-PARTY.txt /licenses/
# The libraries in the jar (CycloneDX); those of the base image are its own.
COPY --from=build /build/target/classes/META-INF/sbom/application.cdx.json /sbom/

# Training run, in which the proxy serves a request of each kind, and many of the most frequent ones, whose
# profiles the cache holds. It runs in this stage, since the cache is valid only for the same Java build, options
# and files; that of the JDK may be another.
COPY deploy/java.options ./
RUN sed -e 's/-XX:AOTCache=/-XX:AOTCacheOutput=/' -e '/^-jar /d' java.options > /tmp/training.options \
    && mkdir /tmp/training \
    && java @/tmp/training.options -cp /app/understudy.jar dev.understudy.training.Training serve /tmp/training \
    && test -s /app/understudy.aot \
    && rm -rf /tmp/*

# Of the commands that ask the running proxy: java @/app/client.options status
COPY deploy/client.options ./

# For understudy.state-file on a volume, which takes over the owner.
RUN install -d -o 10001 -g 10001 -m 750 /var/lib/understudy

USER 10001:10001
EXPOSE 8080 9090

# Further Java options go in front, as in deploy/kubernetes/deployment.yaml:
#
#   docker run … --entrypoint java understudy -XX:ActiveProcessorCount=2 @/app/java.options serve
#
# Not in JAVA_TOOL_OPTIONS: Java reports that variable in a log line that is not JSON.
ENTRYPOINT ["java", "@/app/java.options"]
CMD ["serve"]
