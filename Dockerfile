# Understudy's image: JDK 25, layered, with an AOT cache, for a numeric user and a read-only root
# file system. Only /tmp is written to (Netty unpacks its native library there).
#
#   docker build -t understudy .
#   docker run -p 8080:8080 -p 9090:9090 -v "$PWD/config:/app/config:ro" --read-only --tmpfs /tmp:exec understudy

FROM eclipse-temurin:25-jdk AS build
WORKDIR /build
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY src src
RUN --mount=type=cache,target=/root/.m2 ./mvnw -B -ntp -q package -DskipTests
RUN java -Djarmode=tools -jar target/understudy.jar extract --layers --destination layers


FROM eclipse-temurin:25-jre
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Understudy" \
      org.opencontainers.image.description="A health-checking reverse proxy for components that run as master and backup" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Makes the directory to mount the real configuration on.
WORKDIR /app/config
WORKDIR /app

# From what seldom changes to what often does.
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./

# A training run until it has proxied, with the examples of config/. In this stage and with this Java,
# as a cache is good only for the very same Java build, options of this kind and files: whatever the
# tags above stand for tomorrow.
RUN --mount=type=bind,source=config,target=/app/config \
    --mount=type=bind,source=deploy/train.sh,target=/train.sh \
    bash /train.sh java -XX:+UseSerialGC -XX:MaxRAMPercentage=35 -Xmn16m \
         -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=20 -XX:TrimNativeHeapInterval=5000 \
         -XX:Tier3InvocationThreshold=1000 -XX:Tier3MinInvocationThreshold=500 \
         -XX:Tier3CompileThreshold=4000 -Djdk.reflect.useNativeAccessorOnly=true \
         --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
         -XX:AOTCacheOutput=/app/understudy.aot \
         -jar understudy.jar serve --understudy.drain.delay=0s \
    && test -s /app/understudy.aot \
    && rm -rf /tmp/*

USER 10001:10001
EXPOSE 8080 9090

# Heap: at most 35 % of the container's memory, as Netty's buffers may take as much again, and code
# and classes about 140 MB. One thread collects it: on two busy cores a second one only waits for the
# first. Of memory as little as it lives on: a small young generation, as the express
# lane leaves about 3 KB of garbage for each request; an old one that shrinks; what malloc has freed
# goes back to the kernel. Compiling later than by default (200, 100, 2000) spares the code of the
# start, which never runs again. So does reflection without generated code, which only the start uses.
# Out of memory means an end and a new start, no limping. More options
# go into JAVA_TOOL_OPTIONS.
ENTRYPOINT ["java", "-XX:+UseSerialGC", "-XX:MaxRAMPercentage=35", "-Xmn16m", \
            "-XX:MinHeapFreeRatio=10", "-XX:MaxHeapFreeRatio=20", "-XX:TrimNativeHeapInterval=5000", \
            "-XX:Tier3InvocationThreshold=1000", "-XX:Tier3MinInvocationThreshold=500", \
            "-XX:Tier3CompileThreshold=4000", "-Djdk.reflect.useNativeAccessorOnly=true", \
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", \
            "-XX:AOTCache=/app/understudy.aot", "-XX:+ExitOnOutOfMemoryError", \
            "-jar", "understudy.jar"]
CMD ["serve"]
