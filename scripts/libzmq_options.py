"""What each option does here, and which test says so: plain data for scripts/compatibility.py.

Numbers, values, defaults, and who may set what on which socket stand in the tables of the code (core/options.py,
core/context_options.py); tests/scripts/test_libzmq_rows.py holds the two together.

A test is named by its file and its name, without "test_": "contracts/pair::pair_talks_both_ways" is
test_pair_talks_both_ways in tests/contracts/test_pair.py.
"""

from __future__ import annotations

from typing import NamedTuple


class Effect(NamedTuple):
    """The option works."""

    text: str
    test: str


class Refused(NamedTuple):
    """Only the default is taken, or nothing at all."""

    reason: str


NO_PGM = Refused(
    "only pgm and norm know it, and they are not there; PyZMQ's wheels take any value, and have no use for it"
)
NO_NORM = Refused("the transport norm is not there; PyZMQ's wheels refuse it, too")
NO_WSS = Refused("the transport wss is not there; PyZMQ's wheels refuse it, too")
NO_VMCI = Refused("the transport vmci is not there; PyZMQ's wheels refuse it, too")

SOCKET_OPTIONS: dict[str, Effect | Refused] = {
    "AFFINITY": Effect(
        "none: it chooses among I/O threads, and a socket does its I/O in the thread that waits for it. Read back"
        " for programs written for libzmq",
        "contracts/context_options::affinity_hinders_nothing",
    ),
    "ROUTING_ID": Effect(
        "REQ, DEALER and ROUTER announce it; a ROUTER calls the peer so",
        "contracts/router::router_uses_the_routing_id_the_peer_gives",
    ),
    "SUBSCRIBE": Effect(
        "SUB: receive what begins with it. XPUB and PUB with XPUB_MANUAL: subscribe the peer"
        " whose request was read last",
        "contracts/pubsub::sub_hears_what_starts_with_its_topic",
    ),
    "UNSUBSCRIBE": Effect("undoes one SUBSCRIBE", "contracts/pubsub::unsubscribing_stops_one_topic_only"),
    "RATE": NO_PGM,
    "RECOVERY_IVL": NO_PGM,
    "SNDBUF": Effect(
        "SO_SNDBUF of every connection", "engine/transports/contract::buffer_sizes_are_set_on_every_socket"
    ),
    "RCVBUF": Effect(
        "SO_RCVBUF of every connection", "engine/transports/contract::buffer_sizes_are_set_on_every_socket"
    ),
    "RCVMORE": Effect(
        "whether the message that this thread receives has more parts",
        "contracts/multipart::receive_part_by_part_stays_with_one_message",
    ),
    "FD": Effect(
        "a descriptor that is readable on every new event and unreadable once EVENTS was read",
        "contracts/poll::fd_tells_of_a_message_that_arrived_while_others_are_unread",
    ),
    "EVENTS": Effect(
        "POLLIN and POLLOUT, as it is now", "contracts/options_behaviour::events_tell_both_directions"
    ),
    "TYPE": Effect("the socket type", "contracts/options_behaviour::type_is_the_type_of_the_socket"),
    "LINGER": Effect(
        "how long what is unsent is sent on after close and disconnect",
        "contracts/lifecycle::term_waits_no_longer_than_linger",
    ),
    "RECONNECT_IVL": Effect(
        "the pause before connecting again: once to twice as long, at random",
        "sim/connecting::without_ivl_max_each_gap_is_one_to_two_ivl",
    ),
    "BACKLOG": Effect("the argument of listen()", "engine/transports/tcp::backlog_limits_who_waits"),
    "RECONNECT_IVL_MAX": Effect(
        "the pause doubles up to it", "sim/connecting::with_ivl_max_the_gap_doubles_up_to_it"
    ),
    "MAXMSGSIZE": Effect(
        "a peer that sends a larger part loses its connection, before the part is read",
        "contracts/options_behaviour::maxmsgsize_ends_the_link_of_a_peer_that_sends_more",
    ),
    "SNDHWM": Effect(
        "how many whole messages may wait for each peer", "contracts/hwm::sndhwm_plus_rcvhwm_messages_fit"
    ),
    "RCVHWM": Effect(
        "how many whole messages of each peer may wait here", "contracts/hwm::sndhwm_plus_rcvhwm_messages_fit"
    ),
    "MULTICAST_HOPS": Effect(
        "the TTL of multicast datagrams", "engine/datagrams::multicast_options_are_those_of_the_connect"
    ),
    "RCVTIMEO": Effect("recv raises Again after it", "contracts/options_behaviour::rcvtimeo_ends_a_receive"),
    "SNDTIMEO": Effect("send raises Again after it", "contracts/options_behaviour::sndtimeo_ends_a_send"),
    "IPV4ONLY": Effect("the inverse of IPV6; deprecated", "core/options::ipv4only_and_ipv6_are_one_option"),
    "LAST_ENDPOINT": Effect(
        "what the last bind or connect resolved to", "contracts/endpoints::wildcard_port_becomes_a_real_one"
    ),
    "ROUTER_MANDATORY": Effect(
        "ROUTER: EHOSTUNREACH for a peer that is not there, and waiting for one that is full, in place of dropping",
        "contracts/router::mandatory_router_says_that_a_peer_is_unreachable",
    ),
    "TCP_KEEPALIVE": Effect("SO_KEEPALIVE", "engine/transports/tcp::keepalive_options_are_set_on_both_sides"),
    "TCP_KEEPALIVE_CNT": Effect(
        "TCP_KEEPCNT", "engine/transports/tcp::keepalive_options_are_set_on_both_sides"
    ),
    "TCP_KEEPALIVE_IDLE": Effect(
        "TCP_KEEPIDLE", "engine/transports/tcp::keepalive_options_are_set_on_both_sides"
    ),
    "TCP_KEEPALIVE_INTVL": Effect(
        "TCP_KEEPINTVL", "engine/transports/tcp::keepalive_options_are_set_on_both_sides"
    ),
    "TCP_ACCEPT_FILTER": Effect(
        "one more network that may connect; deprecated",
        "contracts/accept_filters::tcp_filters_let_their_networks_in",
    ),
    "IMMEDIATE": Effect(
        "messages are queued only for peers whose handshake is done",
        "contracts/options_behaviour::immediate_one_sends_only_to_peers_that_are_there",
    ),
    "XPUB_VERBOSE": Effect(
        "XPUB: repeated subscriptions are shown, too",
        "contracts/xpub::verbose_xpub_passes_every_subscription",
    ),
    "ROUTER_RAW": Effect(
        "ROUTER: bytes without ZMTP, as STREAM; deprecated. REP takes it, as libzmq's does, and stays a REP",
        "contracts/router_raw::bytes_come_and_go_as_they_are",
    ),
    "IPV6": Effect(
        "IPv6 addresses are taken, and IPv4 with them", "contracts/endpoints::ipv6_binds_and_connects"
    ),
    "MECHANISM": Effect(
        "that of the last mechanism option set", "core/options::last_mechanism_set_is_chosen_as_in_libzmq"
    ),
    "PLAIN_SERVER": Effect("ask clients for a password", "security/mechanisms::password_decides"),
    "PLAIN_USERNAME": Effect("who to be", "security/mechanisms::password_decides"),
    "PLAIN_PASSWORD": Effect("how to prove it", "security/mechanisms::password_decides"),
    "CURVE_SERVER": Effect("be the server", "security/mechanisms::requests_are_answered"),
    "CURVE_PUBLICKEY": Effect(
        "our long-term key, 32 bytes or Z85", "core/options::curve_key_is_taken_in_every_form"
    ),
    "CURVE_SECRETKEY": Effect(
        "the secret to it", "security/mechanisms::client_whose_keys_do_not_match_is_kept_out"
    ),
    "CURVE_SERVERKEY": Effect(
        "the key that the server must have",
        "security/mechanisms::client_with_another_servers_key_is_kept_out",
    ),
    "PROBE_ROUTER": Effect(
        "an empty message to every new peer (ROUTER, DEALER, REQ, REP)",
        "contracts/router::probe_router_sends_an_empty_message_on_connect",
    ),
    "REQ_CORRELATE": Effect(
        "a number goes with each request, and replies to others are dropped",
        "contracts/req::req_correlate_drops_the_reply_to_an_older_request",
    ),
    "REQ_RELAXED": Effect(
        "a second send gives the first request up",
        "contracts/req::req_relaxed_may_send_again_before_the_reply",
    ),
    "CONFLATE": Effect(
        "only the last message is kept (PUSH, PULL, PUB, SUB, DEALER)",
        "contracts/options_behaviour::conflating_pull_keeps_the_last_message",
    ),
    "ZAP_DOMAIN": Effect(
        "the domain that the handler is told, and NULL asks it, too",
        "security/mechanisms::handler_is_asked_with_domain_address_and_credentials",
    ),
    "ROUTER_HANDOVER": Effect(
        "a new peer takes a routing id over",
        "contracts/router::router_handover_gives_the_name_to_the_newer_peer",
    ),
    "TOS": Effect("IP_TOS, IPV6_TCLASS", "engine/transports/tcp::tos_is_set_for_both_families"),
    "IPC_FILTER_PID": Effect(
        "one more process that may connect; deprecated",
        "contracts/accept_filters::ipc_filters_let_those_in_that_they_name",
    ),
    "IPC_FILTER_UID": Effect(
        "one more user who may connect; deprecated",
        "contracts/accept_filters::ipc_filters_let_those_in_that_they_name",
    ),
    "IPC_FILTER_GID": Effect(
        "one more group that may connect; deprecated", "contracts/accept_filters::one_ipc_filter_suffices"
    ),
    "CONNECT_ROUTING_ID": Effect(
        "what ROUTER and STREAM call the peer of the next connect",
        "contracts/router::connect_routing_id_names_the_peer_of_the_next_connect",
    ),
    "GSSAPI_SERVER": Effect("accept tickets", "security/gssapi::requests_are_answered"),
    "GSSAPI_PRINCIPAL": Effect("who to be", "security/gssapi::client_is_whom_it_is_told_to_be"),
    "GSSAPI_SERVICE_PRINCIPAL": Effect(
        "who the server is", "security/gssapi::ticket_for_another_service_is_refused"
    ),
    "GSSAPI_PLAINTEXT": Effect(
        "messages are not encrypted", "security/gssapi::sides_that_do_not_agree_on_encryption_do_not_talk"
    ),
    "HANDSHAKE_IVL": Effect(
        "how long a handshake may take", "sim/connecting::handshake_ivl_ends_a_silent_client"
    ),
    "SOCKS_PROXY": Effect(
        "tcp connects through this SOCKS 5 proxy, which looks the name up. It is left after HANDSHAKE_IVL;"
        " libzmq waits for ever. RECONNECT_STOP counts its refusals, too",
        "contracts/socks::proxy_is_told_a_name_as_it_is_and_an_address_packed",
    ),
    "XPUB_NODROP": Effect(
        "XPUB, PUB, RADIO: wait, or Again, when a subscriber is full",
        "contracts/hwm::xpub_nodrop_refuses_what_one_subscriber_cannot_take",
    ),
    "XPUB_MANUAL": Effect(
        "the program subscribes the peers", "contracts/xpub::manual_xpub_subscribes_peers_to_what_it_chooses"
    ),
    "XPUB_WELCOME_MSG": Effect(
        "what every new subscriber is sent", "contracts/xpub::welcome_message_greets_every_subscriber"
    ),
    "STREAM_NOTIFY": Effect(
        "an empty message at the beginning and end of each connection",
        "contracts/stream::stream_notify_counts_for_later_binds_only",
    ),
    "INVERT_MATCHING": Effect(
        "on publisher and subscriber: what does not match goes through",
        "contracts/pubsub::inverted_matching_delivers_what_does_not_match",
    ),
    "HEARTBEAT_IVL": Effect("a PING so often", "interop/heartbeat::idle_link_stays_up"),
    "HEARTBEAT_TTL": Effect("when the peer may give us up", "sim/heartbeat::ttl_lets_the_other_side_notice"),
    "HEARTBEAT_TIMEOUT": Effect(
        "when a silent peer is given up", "sim/heartbeat::silent_wire_is_noticed_within_ivl_and_timeout"
    ),
    "XPUB_VERBOSER": Effect(
        "XPUB: repeated subscriptions and cancellations are shown, too",
        "contracts/xpub::verboser_xpub_passes_every_cancellation_too",
    ),
    "CONNECT_TIMEOUT": Effect(
        "when an attempt that nobody answers ends",
        "sim/connecting::connect_timeout_ends_an_attempt_that_nobody_answers",
    ),
    "TCP_MAXRT": Effect(
        "TCP_USER_TIMEOUT", "engine/transports/tcp::maxrt_is_the_user_timeout_in_milliseconds"
    ),
    "THREAD_SAFE": Effect(
        "1 for the types that libzmq calls thread-safe; here all are",
        "contracts/single_part::these_types_call_themselves_thread_safe",
    ),
    "MULTICAST_MAXTPDU": NO_PGM,
    "VMCI_BUFFER_SIZE": NO_VMCI,
    "VMCI_BUFFER_MIN_SIZE": NO_VMCI,
    "VMCI_BUFFER_MAX_SIZE": NO_VMCI,
    "VMCI_CONNECT_TIMEOUT": NO_VMCI,
    "USE_FD": Effect(
        "bind to a descriptor that listens already, and close it with the socket; one that does not fit is refused"
        " (libzmq aborts)",
        "contracts/use_fd::descriptor_that_does_not_fit_is_refused_and_left_alone",
    ),
    "GSSAPI_PRINCIPAL_NAMETYPE": Effect(
        "how it is written", "security/gssapi::client_is_whom_it_is_told_to_be"
    ),
    "GSSAPI_SERVICE_PRINCIPAL_NAMETYPE": Effect(
        "how it is written", "security/gssapi::server_may_be_named_as_a_kerberos_principal"
    ),
    "BINDTODEVICE": Effect("SO_BINDTODEVICE", "engine/transports/tcp::bindtodevice_is_set_or_refused"),
    "ZAP_ENFORCE_DOMAIN": Effect(
        "without a handler nobody comes in",
        "security/mechanisms::without_handler_nobody_comes_in_where_the_domain_is_enforced",
    ),
    "LOOPBACK_FASTPATH": Refused(
        "it is for Windows; libzmq takes it everywhere, and has no use for it elsewhere"
    ),
    "METADATA": Effect(
        "a property that the peer's messages can be asked for",
        "rfc/rfc23_37::metadata_of_applications_comes_through",
    ),
    "MULTICAST_LOOP": Effect(
        "whether this machine hears what it sends to a group",
        "engine/datagrams::multicast_options_are_those_of_the_connect",
    ),
    "ROUTER_NOTIFY": Effect(
        "ROUTER: an empty message from each peer that comes (1) or goes (2)",
        "contracts/notices::router_is_notified_as_it_wishes",
    ),
    "XPUB_MANUAL_LAST_VALUE": Effect(
        "as XPUB_MANUAL, and the next message goes to the newest subscriber only",
        "contracts/pubsub_options::with_manual_last_value_the_next_message_goes_to_the_newest_only",
    ),
    "SOCKS_USERNAME": Effect(
        "whom to be at the proxy; without one no password is offered",
        "contracts/socks::proxy_with_password_connects",
    ),
    "SOCKS_PASSWORD": Effect("and how that is proven", "contracts/socks::proxy_with_password_connects"),
    "IN_BATCH_SIZE": Effect(
        "how many bytes a STREAM's message has at the most, and the first read of any socket",
        "contracts/stream::stream_receives_pieces_of_up_to_8192_bytes",
    ),
    "OUT_BATCH_SIZE": Effect(
        "how many bytes one write has at the most. The default leaves that to the engine; PyZMQ's wheels refuse it",
        "engine/batch_sizes::no_write_has_more_than_out_batch_size",
    ),
    "WSS_KEY_PEM": NO_WSS,
    "WSS_CERT_PEM": NO_WSS,
    "WSS_TRUST_PEM": NO_WSS,
    "WSS_HOSTNAME": NO_WSS,
    "WSS_TRUST_SYSTEM": NO_WSS,
    "ONLY_FIRST_SUBSCRIBE": Effect(
        "only the first part of a message may be a subscription",
        "contracts/pubsub_options::with_only_first_subscribe_xpub_takes_no_part_behind_data_for_a_subscription",
    ),
    "RECONNECT_STOP": Effect(
        "after which failures it is not tried again (flags)",
        "contracts/reconnect_stop::who_refuses_is_not_dialled_again_with_conn_refused",
    ),
    "HELLO_MSG": Effect(
        "what every new peer is sent (DEALER, ROUTER, CLIENT, SERVER, PEER)",
        "contracts/notices::the_bound_side_says_hello_first",
    ),
    "DISCONNECT_MSG": Effect(
        "what is received when a peer has gone (ROUTER, SERVER, PEER)",
        "contracts/notices::a_disconnect_is_delivered_as_if_from_the_peer",
    ),
    "PRIORITY": Effect("SO_PRIORITY", "engine/transports/tcp::priority_and_busy_poll_are_set_at_both_ends"),
    "BUSY_POLL": Effect("SO_BUSY_POLL", "engine/transports/tcp::priority_and_busy_poll_are_set_at_both_ends"),
    "HICCUP_MSG": Effect(
        "what is received when a connection made by connect is lost (DEALER, CLIENT, PEER)",
        "contracts/notices::a_hiccup_is_delivered_where_the_connection_was_made",
    ),
    "XSUB_VERBOSE_UNSUBSCRIBE": Effect(
        "cancellations of what is still subscribed are sent, too",
        "contracts/pubsub_options::xsub_passes_useless_cancellations_on_if_it_is_to",
    ),
    "TOPICS_COUNT": Effect(
        "how many topics are subscribed", "contracts/pubsub_options::topics_count_counts_distinct_topics"
    ),
    "NORM_MODE": NO_NORM,
    "NORM_UNICAST_NACK": NO_NORM,
    "NORM_BUFFER_SIZE": NO_NORM,
    "NORM_SEGMENT_SIZE": NO_NORM,
    "NORM_BLOCK_SIZE": NO_NORM,
    "NORM_NUM_PARITY": NO_NORM,
    "NORM_NUM_AUTOPARITY": NO_NORM,
    "NORM_PUSH": NO_NORM,
}

CONTEXT_OPTIONS: dict[str, Effect] = {
    "IO_THREADS": Effect(
        "none: sockets do their I/O in the threads that wait for them, and one background thread does the rest. Read"
        " back; with 0, libzmq has inproc only, and here everything works",
        "contracts/context_options::tcp_needs_no_io_threads_either",
    ),
    "MAX_SOCKETS": Effect(
        "how many sockets may be open; EMFILE",
        "contracts/context_options::max_sockets_bounds_the_open_sockets",
    ),
    "SOCKET_LIMIT": Effect(
        "libzmq's number, for programs that ask; the descriptors of the process are the limit",
        "contracts/option_values::context_option_answers_what_libzmq_answers",
    ),
    "THREAD_PRIORITY": Effect(
        "of the background thread, now or later",
        "contracts/context_options::priority_of_the_background_thread_can_be_set_at_any_time",
    ),
    "THREAD_SCHED_POLICY": Effect(
        "of the background thread", "contracts/context_options::thread_options_reach_the_background_thread"
    ),
    "MAX_MSGSZ": Effect(
        "none, as in libzmq, which reads it nowhere; MAXMSGSIZE limits",
        "contracts/context_options::max_msgsz_limits_nothing",
    ),
    "MSG_T_SIZE": Effect(
        "libzmq's number, for programs that ask: there is no zmq_msg_t",
        "contracts/option_values::context_option_answers_what_libzmq_answers",
    ),
    "THREAD_AFFINITY_CPU_ADD": Effect(
        "one more CPU that the background thread may run on",
        "contracts/context_options::thread_options_reach_the_background_thread",
    ),
    "THREAD_AFFINITY_CPU_REMOVE": Effect(
        "undoes it", "contracts/context_options::cpu_that_was_not_added_cannot_be_removed"
    ),
    "THREAD_NAME_PREFIX": Effect(
        "what the system calls the background thread begins with it",
        "contracts/context_options::thread_options_reach_the_background_thread",
    ),
    "ZERO_COPY_RECV": Effect(
        "none: large parts are always received in place. Read back. (PyZMQ has no name for it: it is number 10)",
        "contracts/context_options::zero_copy_recv_changes_no_message",
    ),
    "IPV6": Effect(
        "the default of new sockets",
        "contracts/context_options::ipv6_and_blocky_are_defaults_of_sockets_made_from_then_on",
    ),
    "BLOCKY": Effect(
        "0: LINGER of new sockets is 0",
        "contracts/context_options::ipv6_and_blocky_are_defaults_of_sockets_made_from_then_on",
    ),
}
