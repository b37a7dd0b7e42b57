/* One voucher on its way into Fortnox: two workers that may stop at any step, and a Fortnox that answers late or never.

   Every step below is one transaction of ours, or one request. Between two steps anything else may happen: a worker
   sleeps as long as it likes, or dies and starts anew. `run.py` leaves out one safeguard at a time (-DNO_INTENT and
   so on, each one named where it stands) and tells which of the promises breaks then:

     copies <= 1            never two vouchers of one marker
     stands                 never booked without a voucher in Fortnox
     same_rows              what is in the books is what we hold as sent
     !is_silent             should Fortnox itself book one request twice, a person is told
     no invalid end state   whatever happens, the voucher is read back in the end, or a person puts it aside  */

#ifndef TROUBLE
#define TROUBLE 3           /* so often may something go wrong: an answer lost, a worker stopped, a token dead too soon */
#endif

#define WORKERS 2
#define REQUESTS 3          /* under way at once; a fourth waits until one has arrived or is lost */
#define SERIES 2            /* revision r of the voucher has its own rows, and is for series r */
#define NUMBERS 4

mtype:voucher_is = { READY, SENDING, IN_DOUBT, BOOKED, READ_BACK, NEEDS_DECISION, DISMISSED }
mtype:request_is = { FREE, UNDER_WAY, LET_IN, CREATED, REFUSED, LOST }
mtype:token_is = { NONE, ALIVE, EXPIRED }
mtype:entry_is = { NOBODYS, OURS, UNMARKED, STRANGERS }
mtype:answer_is = { NO_ANSWER, SAID_CREATED, SAID_REFUSED }

/* ---- The database: every change is one transaction. */

byte owner;                             /* of the lane; as a worker has one lease at a time, this is the epoch too */
bit in_turn[WORKERS + 1];               /* a worker that is in none is dead or idle: its lease runs out by itself */
mtype:voucher_is state = READY;
bit revision;
bit has_changed;                        /* a person changed the settings: whoever serves the lane freezes anew */
byte tries;
bit live;                               /* an attempt that may still be executed */
byte live_no;
byte live_token;
bit unseen;                             /* it was looked for once, in vain, after it had died */
byte absences;
byte looks_from[SERIES];                /* the number after the lowest watermark; 0 where it was never tried */
byte booked_in;
byte booked_as;

/* ---- Fortnox. */

mtype:token_is token[3] = NONE;            /* 1 and 2 take turns; 0 stands for all that are dead for good */
byte newest;
mtype:request_is phase[REQUESTS] = FREE;
byte carries[REQUESTS];                 /* the token it carries */
bit says[REQUESTS];                     /* the revision it carries */
byte waits[REQUESTS];                   /* the worker that waits for the answer */
byte got[REQUESTS];                     /* the number given */
mtype:entry_is book[SERIES * NUMBERS] = NOBODYS;
byte last[SERIES];
byte shown[SERIES];                     /* the counter, and what can be read by number, may lag behind */
bit is_listed;                          /* the list may lag for ever */
byte copies;
byte copy_to_come;                      /* one request, executed twice: the second time later, in the series before this */

/* ---- The rest. */

byte trouble = TROUBLE;
bit news;                               /* something happened since the last look: it is worth another */
bit may_change = 1;
bit may_book = 1;                       /* somebody books by hand in the same series */
bit may_edit = 1;                       /* somebody rewords our voucher, and the marker is gone */
byte holds_token[WORKERS + 1];          /* in a worker's memory */

bit stands = 1;
bit same_rows = 1;
bit told;

#define at(series, number) book[(series) * NUMBERS + (number)]
#define is_over (state == READ_BACK || state == DISMISSED)
#define is_silent (state == READ_BACK && copies > 1 && !told)
#define is_sale(entry) ((entry) == OURS || (entry) == UNMARKED)

#ifdef NO_EPOCH
#define holds_lane 1
#else
#define holds_lane (owner == me)
#endif

#ifdef NO_LEASE_END
#define lane_is_free (owner == 0)
#else
#define lane_is_free (owner == 0 || !in_turn[owner])
#endif

#ifdef NO_TAKEOVER
#define is_left_sending 0
#else
#define is_left_sending (state == SENDING)
#endif

#define is_due (state == READY || is_left_sending || (state == IN_DOUBT && news) || \
    (state == BOOKED && shown[booked_in] >= booked_as))

#ifdef NO_STATE_CHECK
#define stands_as(expected) 1
#else
#define stands_as(expected) (state == expected)
#endif

#ifdef NO_ATTEMPT_ID
#define is_live_still live
#else
#define is_live_still (live && live_no == my_no)
#endif

#ifdef NO_LIMIT
#define is_once_too_often 0
#else
#define is_once_too_often (absences > 1)
#endif

#ifdef NO_UNIQUE
#define may_insert 1
#else
#define may_insert (!live && tries == my_no)
#endif

#if defined(NO_FENCE)
#define is_dead(mine) 1
#elif defined(NO_SETTLE)
#define is_dead(mine) (token[mine] != ALIVE)
#else
#define is_dead(mine) (mine == 0)
#endif

inline book_ours(series) {
    d_step {
        last[series]++;
        at(series, last[series]) = OURS;
        copies++;
#if !defined(TWICE) && !defined(TWICE_LATER)
        assert(copies <= 1)
#endif
    }
}

inline forget_request(one) {
    phase[one] = FREE; carries[one] = 0; says[one] = 0; got[one] = 0; waits[one] = 0
}

inline answered(one, how) {
    d_step {
        phase[one] = how; carries[one] = 0; news = 1;
        if
        :: waits[one] == 0 -> forget_request(one)
        :: else
        fi
    }
}

inline now_booked(series, number) {
    d_step {
        state = BOOKED; live = 0; live_token = 0; unseen = 0;
        booked_in = series; booked_as = number;
        stands = is_sale(at(series, number));
        assert(stands)
    }
}

inline now_absent(next) {
    d_step {
        state = next; live = 0; live_token = 0; unseen = 0
    }
}

/* ---- A worker: claim the lane, do what the voucher needs next, give the lane back. */

inline forget() {
    d_step {
        if
        :: sent -> if
            :: phase[my_request] == UNDER_WAY || phase[my_request] == LET_IN -> waits[my_request] = 0
            :: else -> forget_request(my_request)
            fi
        :: else
        fi;
        holds_token[me] = 0; my_request = 0; sent = 0; my_revision = 0; my_no = 0; my_unseen = 0; my_start = 0;
        is_found = 0; found_in = 0; found_as = 0; is_strange = 0; has_died = 0; answer = NO_ANSWER;
        at_number = 0; in_turn[me] = 0
    }
}

inline send() {
    d_step {
        if
        :: phase[0] == FREE -> my_request = 0
        :: else -> if
            :: phase[1] == FREE -> my_request = 1
            :: else -> my_request = 2
            fi
        fi;
        phase[my_request] = UNDER_WAY; sent = 1;
        carries[my_request] = holds_token[me]; says[my_request] = my_revision; waits[my_request] = me
    }
}

inline fetch_token() {
    d_step {
        if
        :: newest == 0 -> newest = (token[1] == NONE -> 1 : 2); token[newest] = ALIVE
        :: else
        fi;
        holds_token[me] = newest
    }
}

inline write_intent() {
    d_step {
        tries++; my_no = tries; live = 1; live_no = my_no; live_token = holds_token[me]; unseen = 0;
        if
        :: looks_from[my_revision] == 0 || looks_from[my_revision] > my_start -> looks_from[my_revision] = my_start
        :: else
        fi;
        state = SENDING
    }
}

/* Read each number since the watermark, in a series where it was tried. */
inline look_in(series) {
    d_step {
        if
        :: looks_from[series] == 0 -> skip
#ifdef ONLY_LAST_SERIES
        :: looks_from[series] != 0 && series != revision -> skip
        :: looks_from[series] != 0 && series == revision ->
#else
        :: looks_from[series] != 0 ->
#endif
#ifndef NO_WATERMARK
            at_number = looks_from[series];
            do
            :: at_number <= shown[series] ->
                if
#ifdef NO_MARKER
                :: at_number == looks_from[series] && !is_found ->
#else
                :: at(series, at_number) == OURS && !is_found ->
#endif
                    is_found = 1; found_in = series; found_as = at_number
                :: else -> if
                    :: at(series, at_number) != OURS -> is_strange = 1
                    :: else
                    fi
                fi;
                at_number++
            :: else -> break
            od;
#endif
            if
            :: is_listed && !is_found -> at_number = 1;
                do
                :: at_number <= last[series] && !is_found ->
                    if
                    :: at(series, at_number) == OURS -> is_found = 1; found_in = series; found_as = at_number
                    :: else
                    fi;
                    at_number++
                :: else -> break
                od
            :: else
            fi;
            at_number = 0
        fi
    }
}

/* Read a booked voucher back, and look for a copy of it. */
inline read_back() {
    d_step {
        same_rows = (booked_in == revision);
#ifndef ONLY_COUNT
        assert(same_rows);
#endif
        same_rows = 1;
#ifndef NO_READ_BACK
        at_number = looks_from[booked_in];
        do
        :: at_number <= shown[booked_in] ->
            if
            :: at_number != booked_as && at(booked_in, at_number) == OURS -> told = 1
            :: else
            fi;
            at_number++
        :: else -> break
        od;
        at_number = 0;
#endif
        state = READ_BACK;
        assert(!is_silent)
    }
}

#define dies trouble > 0 -> trouble--; goto died

proctype Worker(byte me) {
    bit sent, my_revision, my_unseen, is_found, found_in, is_strange, has_died;
    byte my_request, my_no, my_start, found_as, at_number;
    mtype:answer_is answer = NO_ANSWER;

idle:
    if
    :: atomic { is_due && lane_is_free -> owner = me; in_turn[me] = 1 }
#ifndef NO_LEASE_END
    :: atomic { is_due && !lane_is_free && owner != me && trouble > 0 ->    /* it slept for longer than its lease */
        trouble--; owner = me; in_turn[me] = 1; news = 1 }
#endif
    :: is_over -> goto gone
    fi;

    /* Freeze anew what no attempt can be alive of; doubt what somebody left while sending. */
    if
    :: atomic { holds_lane ->
        if
#ifdef NO_FREEZE
        :: has_changed && !is_over && state != BOOKED -> revision = 1
#else
        :: has_changed && state == READY -> revision = 1
#endif
        :: else
        fi;
        has_changed = 0;
        if
        :: is_left_sending -> state = IN_DOUBT; news = 1
        :: else
        fi }
    :: atomic { !holds_lane -> goto lost }
    :: atomic { dies }
    fi;

    /* Read the voucher and, if it is in doubt, its attempt. */
    if
    :: atomic { state == READY -> my_revision = revision; my_no = tries; goto push }
    :: atomic { state == IN_DOUBT -> my_no = live_no; holds_token[me] = live_token; my_unseen = unseen; goto resolve }
    :: atomic { state == BOOKED -> goto verify }
    :: atomic { state != READY && state != IN_DOUBT && state != BOOKED -> goto over }
    fi;

push:
    if
    :: atomic { fetch_token(); my_start = shown[my_revision] + 1 }
    :: atomic { dies }
    fi;
#ifndef NO_INTENT
    if
    :: atomic { holds_lane && may_insert && stands_as(READY) -> write_intent() }
    :: atomic { !(holds_lane && may_insert && stands_as(READY)) -> goto lost }
    :: atomic { dies }
    fi;
#endif
    if
    :: atomic { (phase[0] == FREE || phase[1] == FREE || phase[2] == FREE) -> send() }
    :: atomic { trouble > 0 -> trouble--; answer = SAID_REFUSED; goto outcome }     /* not sent, or refused with a reason */
    :: atomic { dies }
    fi;

wait:
    if
    :: atomic { phase[my_request] == CREATED -> answer = SAID_CREATED; found_in = says[my_request];
        found_as = got[my_request]; forget_request(my_request); sent = 0 }
    :: atomic { phase[my_request] == REFUSED -> forget_request(my_request); sent = 0;
#ifdef RESEND_ON_401
        fetch_token(); send(); goto wait
#else
        answer = SAID_REFUSED
#endif
        }
#ifdef REFUSED_BUT_BOOKED
    :: atomic { phase[my_request] == LET_IN && trouble > 0 -> trouble--; waits[my_request] = 0; sent = 0; answer = SAID_REFUSED }
#endif
    :: atomic { phase[my_request] == LOST -> forget_request(my_request); sent = 0;
#ifdef RESEND_LOST
        send(); goto wait
#endif
        }
    :: atomic { trouble > 0 && phase[my_request] != LOST -> trouble--;      /* the answer is lost, or the deadline over */
        if
        :: phase[my_request] == UNDER_WAY || phase[my_request] == LET_IN -> waits[my_request] = 0
        :: else -> forget_request(my_request)
        fi;
        my_request = 0; sent = 0;
#ifdef RESEND_LOST
        if
        :: phase[0] == FREE || phase[1] == FREE || phase[2] == FREE -> send(); goto wait
        :: else
        fi
#endif
        }
    :: atomic { dies }
    fi;

outcome:
#ifdef NO_INTENT
    if
    :: atomic { holds_lane && may_insert && stands_as(READY) -> write_intent() }
    :: atomic { !(holds_lane && may_insert && stands_as(READY)) -> goto lost }
    :: atomic { dies }
    fi;
#endif
    if
    :: atomic { holds_lane && is_live_still && stands_as(SENDING) ->
        if
        :: answer == SAID_CREATED -> now_booked(found_in, found_as)
        :: answer == SAID_REFUSED -> now_absent(READY)
        :: answer == NO_ANSWER -> state = IN_DOUBT; news = 1
        fi;
        goto over }
    :: atomic { !(holds_lane && is_live_still && stands_as(SENDING)) -> goto lost }
    :: atomic { dies }
    fi;

resolve:
    if
    :: atomic { news = 0; look_in(0) }
    :: atomic { dies }
    fi;
    if
    :: atomic { look_in(1) }
    :: atomic { dies }
    fi;
    /* The Date of the last answer; earlier ones may be older. */
    if
    :: atomic { has_died = is_dead(holds_token[me]); holds_token[me] = 0 }
    :: atomic { dies }
    fi;
    if
    :: atomic { !is_found && !has_died -> goto over }
    :: atomic { (is_found || has_died) && holds_lane && is_live_still && stands_as(IN_DOUBT) ->
        if
        :: is_found -> now_booked(found_in, found_as)
#ifndef NO_SECOND_LOOK
        :: !is_found && !my_unseen -> unseen = 1; news = 1
        :: !is_found && my_unseen ->
#else
        :: !is_found ->
#endif
            absences++;
            if
#ifndef NO_STRANGERS
            :: is_strange -> now_absent(NEEDS_DECISION)
            :: !is_strange && is_once_too_often -> now_absent(NEEDS_DECISION)
            :: !is_strange && !is_once_too_often -> now_absent(READY)
#else
            :: is_once_too_often -> now_absent(NEEDS_DECISION)
            :: !is_once_too_often -> now_absent(READY)
#endif
            fi
        fi;
        goto over }
    :: atomic { (is_found || has_died) && !(holds_lane && is_live_still && stands_as(IN_DOUBT)) -> goto lost }
    :: atomic { dies }
    fi;

verify:
    if
    :: atomic { holds_lane && state == BOOKED && shown[booked_in] >= booked_as -> read_back() }
    :: atomic { !(holds_lane && state == BOOKED && shown[booked_in] >= booked_as) -> goto lost }
    :: atomic { dies }
    fi;

over:
    if
    :: atomic { owner == me -> owner = 0; forget(); goto idle }
    :: atomic { owner != me -> goto lost }
    :: atomic { dies }
    fi;

lost:
    atomic { news = 1; forget(); goto idle };
died:
    atomic { news = 1; forget(); goto idle };
gone:
    skip
}

/* ---- Fortnox: a request travels, is let in if its token lives, and is executed at some time before the settle time is over. */

#ifdef DEAD_TOKEN_LET_IN
#define lets_in(mine) 1
#else
#define lets_in(mine) (token[mine] == ALIVE)
#endif

#define serves(one) \
    :: atomic { phase[one] == UNDER_WAY && lets_in(carries[one]) -> phase[one] = LET_IN } \
    :: atomic { phase[one] == UNDER_WAY && !lets_in(carries[one]) -> answered(one, REFUSED) } \
    :: atomic { phase[one] == LET_IN -> book_ours(says[one]); got[one] = last[says[one]]; book_again(one); answered(one, CREATED) } \
    :: atomic { (phase[one] == UNDER_WAY || phase[one] == LET_IN) && trouble > 0 -> trouble--; answered(one, LOST) }

#if defined(TWICE_LATER)
#define book_again(one) copy_to_come = says[one] + 1
#elif defined(TWICE)
#define book_again(one) book_ours(says[one])
#else
#define book_again(one) skip
#endif

#define works_for(mine) ((phase[0] == LET_IN && carries[0] == mine) || (phase[1] == LET_IN && carries[1] == mine) || \
    (phase[2] == LET_IN && carries[2] == mine))

/* What was let in is done, and what is done can be read by number. */
#ifdef LATE
#define settled(mine) 1
#else
#define settled(mine) (!works_for(mine) && shown[0] == last[0] && shown[1] == last[1])
#endif

inline forget_token(mine) {
    d_step {
        token[mine] = NONE;
        if :: live_token == mine -> live_token = 0 :: else fi;
        if :: carries[0] == mine -> carries[0] = 0 :: else fi;
        if :: carries[1] == mine -> carries[1] = 0 :: else fi;
        if :: carries[2] == mine -> carries[2] = 0 :: else fi;
        if :: holds_token[1] == mine -> holds_token[1] = 0 :: else fi;
        if :: holds_token[2] == mine -> holds_token[2] = 0 :: else fi;
        news = 1
    }
}

proctype Fortnox() {
end:
    do
    serves(0)
    serves(1)
    serves(2)
    :: atomic { shown[0] < last[0] -> shown[0] = last[0]; news = 1 }
    :: atomic { shown[1] < last[1] -> shown[1] = last[1]; news = 1 }
    :: atomic { copies > 0 && !is_listed -> is_listed = 1; news = 1 }
#ifdef TWICE_LATER
    :: atomic { copy_to_come != 0 -> book_ours(copy_to_come - 1); copy_to_come = 0 }
#endif
    /* A token lives for longer than the settle time, so only one is between its end and that. */
    :: atomic { newest != 0 && token[3 - newest] != EXPIRED && (state == IN_DOUBT || trouble > 0) ->
        if
        :: state == IN_DOUBT -> skip
        :: else -> trouble--
        fi;
        token[newest] = EXPIRED; newest = 0; news = 1 }
    :: atomic { token[1] == EXPIRED && settled(1) -> forget_token(1) }
    :: atomic { token[2] == EXPIRED && settled(2) -> forget_token(2) }
    od
}

/* ---- People: change the settings, book by hand, reword a voucher; and decide, having looked in Fortnox. */

inline find_truth() {
    d_step {
        where = 0; number = 0;
        do
        :: where < SERIES && number == 0 -> n = 1;
            do
            :: n <= last[where] && number == 0 ->
                if
                :: is_sale(at(where, n)) -> number = n
                :: else
                fi;
                n++
            :: else -> break
            od;
            if
            :: number == 0 -> where++
            :: else
            fi
        :: else -> break
        od;
        n = 0
    }
}

inline reword(series) {
    d_step {
        n = 1;
        do
        :: n <= last[series] ->
            if
            :: at(series, n) == OURS -> at(series, n) = UNMARKED
            :: else
            fi;
            n++
        :: else -> break
        od;
        n = 0
    }
}

proctype People() {
    byte where, number, n;
end:
    do
#ifndef SETTINGS_STAY
    :: atomic { may_change && !is_over -> may_change = 0; has_changed = 1 }
#endif
    :: atomic { may_book && !is_over -> may_book = 0; last[0]++; at(0, last[0]) = STRANGERS }
#if !defined(TWICE) && !defined(TWICE_LATER)
    :: atomic { may_edit && !is_over && copies > 0 -> may_edit = 0; reword(0); reword(1) }
#endif
    :: atomic { state == NEEDS_DECISION -> find_truth();
        if
        :: number != 0 -> now_booked(where, number)
        :: number == 0 -> state = READY
        :: number == 0 -> state = DISMISSED
        fi;
        where = 0; number = 0; news = 1 }
    od
}

init {
    atomic { run Worker(1); run Worker(2); run Fortnox(); run People() }
}
